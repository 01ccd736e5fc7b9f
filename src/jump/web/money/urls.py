"""Addresses of the money pages."""

from django.urls import path

from jump.web.money.views import books, budget, contracts, funds, releases, repayments

app_name = "money"
urlpatterns = [
    path("funds/", funds.list_funds, name="funds"),
    path("funds/<str:ref>/", funds.show_fund, name="fund"),
    path("funds/<str:ref>/contribute/", funds.contribute, name="contribute"),
    path("loans/", contracts.list_contracts, name="contracts"),
    path("loans/<str:ref>/", contracts.show_contract, name="contract"),
    path("loans/<str:ref>/statement/", contracts.show_statement, name="statement"),
    path("loans/<str:ref>/repay/", repayments.repay, name="repay"),
    path("loans/<str:ref>/tranches/<int:number>/prepare/", releases.prepare, name="prepare"),
    path("loans/<str:ref>/tranches/<int:number>/release/", releases.release, name="release"),
    path("loans/<str:ref>/conditions/<str:code>/", releases.meet_condition, name="condition"),
    path("loans/<str:ref>/account/", releases.account_for_spend, name="account"),
    path("loans/<str:ref>/write-off/propose/", releases.propose_write_off, name="propose_write_off"),
    path("loans/<str:ref>/write-off/", releases.approve_write_off, name="write_off"),
    path("loans/<str:ref>/cancel/", releases.cancel, name="cancel"),
    path("repayments/<str:ref>/", repayments.show_repayment, name="repayment"),
    path("repayments/<str:ref>/undo/", repayments.undo, name="undo"),
    path("budget/", budget.show_budget, name="budget"),
    path("books/", books.list_books, name="books"),
    path("books/<str:ref>/", books.show_book, name="book"),
    path("books/<str:ref>/balance/", books.show_balance, name="balance"),
    path("books/<str:ref>/entries.csv", books.download_entries, name="entries_csv"),
    path("books/<str:ref>/balance.csv", books.download_balance, name="balance_csv"),
    path("books/<str:ref>/hledger.journal", books.download_journal, name="journal"),
    path("entries/<str:ref>/", books.show_entry, name="entry"),
]
