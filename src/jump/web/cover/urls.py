"""Addresses of the pages of community insurance."""

from django.urls import path

from jump.web.cover.views import claims, deciding, families, figures, packages, schemes

app_name = "cover"
urlpatterns = [
    path("cover/", schemes.list_schemes, name="schemes"),
    path("cover/open/", schemes.open_scheme, name="open"),
    path("cover/mine/", families.mine, name="mine"),
    path("cover/families/<str:ref>/", families.show_family, name="family"),
    path("cover/families/<str:ref>/add/", families.add, name="add"),
    path("cover/families/<str:ref>/leaves/", families.leaves, name="leaves"),
    path("cover/families/<str:ref>/end/", families.end, name="end"),
    path("cover/families/<str:ref>/claim/", claims.enter, name="claim_new"),
    path("cover/contributions/<str:ref>/undo/<str:family>/", families.undo, name="undo"),
    path("cover/claims/<str:ref>/", claims.show_claim, name="claim"),
    path("cover/claims/<str:ref>/approve/", deciding.approve, name="approve"),
    path("cover/claims/<str:ref>/reject/", deciding.reject, name="reject"),
    path("cover/claims/<str:ref>/pay/", deciding.pay, name="pay"),
    path("cover/claims/<str:ref>/papers/", deciding.papers, name="papers"),
    path("cover/claims/<str:ref>/review/", deciding.review, name="review"),
    path("cover/claims/<str:ref>/appeal/", deciding.appeal, name="appeal"),
    path("cover/claims/<str:ref>/appeal/<str:appeal_ref>/", deciding.decide, name="decide"),
    path("cover/packages/<str:ref>/adopt/", packages.adopt, name="adopt"),
    path("cover/packages/<str:ref>/drop/", packages.drop, name="drop"),
    path("cover/cash/<str:ref>/pay/", figures.pay_cost, name="cash_pay"),
    path("cover/<str:ref>/", schemes.show_scheme, name="scheme"),
    path("cover/<str:ref>/families/", families.list_families, name="families"),
    path("cover/<str:ref>/enrol/", families.enrol, name="enrol"),
    path("cover/<str:ref>/collect/", families.collect, name="collect"),
    path("cover/<str:ref>/claims/", claims.list_claims, name="claims"),
    path("cover/<str:ref>/package/", packages.show, name="package"),
    path("cover/<str:ref>/package/propose/", packages.propose, name="propose"),
    path("cover/<str:ref>/package/provider/", packages.provider, name="provider"),
    path("cover/<str:ref>/premium/", packages.premium, name="premium"),
    path("cover/<str:ref>/board/", figures.board, name="board"),
    path("cover/<str:ref>/cash/", figures.show_cash, name="cash"),
    path("cover/<str:ref>/cash/<str:kind>/", figures.add_cash, name="cash_add"),
    path("cover/<str:ref>/years/", figures.show_years, name="years"),
    path("cover/<str:ref>/years/prepare/", figures.prepare_year, name="year_prepare"),
    path("cover/<str:ref>/years/<str:year_ref>/book/", figures.book_year, name="year_book"),
    path("cover/<str:ref>/years/<str:year_ref>/drop/", figures.drop_year, name="year_drop"),
]
