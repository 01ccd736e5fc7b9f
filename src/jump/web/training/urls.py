from django.urls import path

from jump.web.training import certificates, materials, pages, people

app_name = "training"
urlpatterns = [
    path("training/", pages.listing, name="list"),
    path("training/new/", pages.begin, name="begin"),
    path("training/<str:ref>/", pages.course, name="course"),
    path("training/<str:ref>/day/", pages.plan_day, name="day"),
    path("training/<str:ref>/people/", people.enrol, name="enrol"),
    path("training/<str:ref>/list/", people.enrol_list, name="enrol_list"),
    path("training/<str:ref>/leave/<str:person>/", people.leave, name="leave"),
    path("training/<str:ref>/evaluation/", pages.evaluate, name="evaluate"),
    path("training/<str:ref>/test/<str:form>/<str:person>/", pages.test, name="test"),
    path("training/<str:ref>/finish/", pages.finish, name="finish"),
    path("training/<str:ref>/revised/", pages.revised, name="revised"),
    path("gatherings/<str:ref>/came/", people.tick, name="tick"),
    path("gatherings/<str:ref>/list/", people.attendance_list, name="attendance_list"),
    path("gatherings/<str:ref>/actions/", people.actions, name="actions"),
    path("lists/people/", people.empty_list, name="empty_list"),
    path("certificates/<str:ref>/", certificates.certificate, name="certificate"),
    path("certificates/<str:ref>/check/", certificates.check, name="check"),
    path("materials/", materials.listing, name="materials"),
    path("materials/new/", materials.begin, name="material_begin"),
    path("materials/<str:ref>/", materials.material, name="material"),
    path("materials/<str:ref>/next/", materials.next_edition, name="edition_begin"),
    path("editions/<str:ref>/write/", materials.write, name="edition_write"),
    path("editions/<str:ref>/test/", materials.test, name="edition_test"),
    path("editions/<str:ref>/publish/", materials.publish, name="edition_publish"),
    path("editions/<str:ref>/file/", materials.file, name="edition_file"),
]
