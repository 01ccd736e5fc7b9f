"""Addresses of the pages of ownership."""

from django.urls import path

from jump.web.stakes.views import capital, financing, registers, steps, trusts

app_name = "stakes"
urlpatterns = [
    path("ownership/", steps.list_stakes, name="list"),
    path("ownership/open/<str:kind>/", steps.open_kind, name="open"),
    path("ownership/pledges/add/", steps.add_pledge, name="pledge_add"),
    path("ownership/pledges/<str:ref>/withdraw/", steps.withdraw_pledge, name="pledge_withdraw"),
    path("ownership/financing/add/", financing.propose_financing, name="financing_add"),
    path("ownership/financing/<str:ref>/", financing.show_financing, name="financing"),
    path("ownership/financing/<str:ref>/agree/", financing.agree_financing, name="financing_agree"),
    path("ownership/financing/<str:ref>/drop/", financing.drop_financing, name="financing_drop"),
    path("ownership/steps/<str:ref>/", steps.show_step, name="step"),
    path("ownership/steps/<str:ref>/approve/", steps.approve, name="step_approve"),
    path("ownership/steps/<str:ref>/drop/", steps.drop, name="step_drop"),
    path("ownership/steps/<str:ref>/take-back/", steps.take_back, name="step_take_back"),
    path("registers/<str:ref>/", registers.show_register, name="register"),
    path("registers/<str:ref>/test/", registers.show_test, name="labour_test"),
    path("registers/<str:ref>/founders/add/", registers.add_founder, name="founder_add"),
    path("registers/<str:ref>/holders/<str:holder>/", registers.show_holder, name="holder"),
    path("registers/<str:ref>/do/<str:kind>/", registers.act, name="register_act"),
    path("capital/<str:ref>/", capital.show_capital, name="capital"),
    path("capital/<str:ref>/join/", capital.join, name="capital_join"),
    path("capital/<str:ref>/do/<str:kind>/", capital.act, name="capital_act"),
    path("capital-accounts/<str:ref>/", capital.show_member, name="member"),
    path("trusts/<str:ref>/", trusts.show_trust, name="trust"),
    path("trusts/<str:ref>/join/", trusts.join, name="trust_join"),
    path("trusts/<str:ref>/do/<str:kind>/", trusts.act, name="trust_act"),
    path("trusts/<str:ref>/years/<str:year>/", trusts.show_year, name="trust_year"),
    path("development/<str:ref>/", trusts.show_development, name="development"),
    path("development/<str:ref>/begin/", trusts.begin_development, name="development_begin"),
    path("development/<str:ref>/do/<str:kind>/", trusts.invest, name="development_act"),
]
