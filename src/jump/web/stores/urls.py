"""Addresses of the pages of stores and markets."""

from django.urls import path

from jump.web.stores import counting, market, moves, pages, trade

app_name = "stores"
urlpatterns = [
    path("stores/", pages.list_stores, name="list"),
    path("stores/open/", pages.open_store, name="open"),
    path("stores/exchanges/", trade.list_exchanges, name="exchanges"),
    path("stores/exchanges/<str:ref>/", trade.show_exchange, name="exchange"),
    path("stores/exchanges/<str:ref>/arrive/", trade.arrive, name="arrive"),
    path("stores/exchanges/<str:ref>/drop/", trade.drop, name="exchange_drop"),
    path("stores/exchanges/<str:offer_ref>/<str:need_ref>/agree/", trade.agree, name="agree"),
    path("stores/moves/<str:ref>/", moves.show_move, name="move"),
    path("stores/moves/<str:ref>/approve/", moves.approve, name="approve"),
    path("stores/moves/<str:ref>/drop/", moves.drop, name="drop"),
    path("stores/moves/<str:ref>/undo/", moves.undo, name="undo"),
    path("stores/loans/<str:ref>/give-back/", moves.give_back, name="give_back"),
    path("stores/counts/<str:ref>/confirm/", counting.confirm_count, name="confirm_count"),
    path("stores/counts/<str:ref>/drop/", counting.drop_count, name="drop_count"),
    path("stores/seasons/<str:ref>/", counting.show_season, name="season"),
    path("stores/seasons/<str:ref>/close/", counting.close_season, name="close_season"),
    path("stores/seasons/<str:ref>/go-on/", counting.drop_close, name="drop_close"),
    path("stores/<str:ref>/", pages.show_store, name="store"),
    path("stores/<str:ref>/record/<str:kind>/", moves.record, name="record"),
    path("stores/<str:ref>/prices/", counting.declare_prices, name="prices"),
    path("stores/<str:ref>/count/", counting.write_count, name="count"),
    path("stores/<str:ref>/close/", counting.propose_close, name="close"),
    path("stores/<str:ref>/offer/", trade.offer, name="offer"),
    path("stores/<str:ref>/way/", trade.way, name="way"),
    path("markets/open/", pages.open_market, name="market_open"),
    path("markets/<str:ref>/", market.show_market, name="market"),
    path("markets/<str:ref>/scale/", market.check_scale, name="scale"),
    path("markets/<str:ref>/weigh/", market.weigh, name="weigh"),
    path("markets/<str:ref>/inputs/", market.inputs, name="inputs"),
    path("markets/<str:ref>/cash/", market.bring_cash, name="market_cash"),
    path("markets/<str:ref>/load/", market.load, name="load"),
    path("markets/<str:ref>/close/", market.close, name="market_close"),
    path("market-loads/<str:ref>/factory/", market.factory, name="factory"),
    path("tickets/<str:ref>/", market.show_ticket, name="ticket"),
    path("tickets/<str:ref>/accept/", market.accept, name="accept"),
    path("tickets/<str:ref>/pay/", market.pay, name="pay"),
    path("tickets/<str:ref>/drop/", market.drop, name="ticket_drop"),
]
