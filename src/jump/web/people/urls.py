"""Addresses of people, groups and organisations."""

from django.urls import path

from jump.web.people.views import doubles, finding, groups, people

app_name = "people"
urlpatterns = [
    path("people/", people.list_people, name="list"),
    path("people/search/", finding.find, name="search"),
    path("people/doubles/", doubles.list_doubles, name="doubles"),
    path("people/doubles/search/", doubles.search_doubles, name="search_doubles"),
    path("people/doubles/<str:ref>/", doubles.show_double, name="double"),
    path("people/new/", people.register, name="register"),
    path("people/<str:ref>/", people.show_person, name="person"),
    path("people/<str:ref>/same/", people.same, name="same"),
    path("people/<str:ref>/not-same/", people.not_same, name="not_same"),
    path("people/<str:ref>/consents/", people.give_consent, name="consent"),
    path("people/<str:ref>/consents/<str:purpose>/end/", people.withdraw_consent, name="withdraw"),
    path("people/<str:ref>/flags/", people.add_flag, name="flag"),
    path("people/<str:ref>/flags/<str:flag>/end/", people.end_flag, name="end_flag"),
    path("groups/", groups.list_groups, name="groups"),
    path("groups/new/", groups.register_group, name="register_group"),
    path("groups/<str:ref>/", groups.show_group, name="group"),
    path("groups/<str:ref>/join/", groups.join, name="join"),
    path("groups/<str:ref>/status/", groups.set_status, name="status"),
    path("groups/<str:ref>/members/<str:member>/leave/", groups.leave, name="leave"),
    path("organisations/", groups.list_organisations, name="organisations"),
    path("organisations/new/", groups.register_organisation, name="register_organisation"),
    path("organisations/<str:ref>/", groups.show_organisation, name="organisation"),
]
