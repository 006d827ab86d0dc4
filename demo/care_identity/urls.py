"""The addresses of the stand-in. Those of the provider are named as Care Identity names its own."""

from django.urls import path

from demo.care_identity.views import cards, devices, home, log_in, log_out, misbehave, provider, tokens

urlpatterns = [
    path("", home.home, name="home"),
    path(".well-known/openid-configuration", provider.discovery, name="discovery"),
    path("authorize", provider.authorize, name="authorize"),
    path("access_token", tokens.token, name="token"),
    path("userinfo", tokens.userinfo, name="userinfo"),
    path("connect/jwk_uri", provider.published_keys, name="keys"),
    path("connect/endSession", log_out.end_session, name="end_session"),
    path("log-in/", log_in.choose, name="account_login"),
    path("log-in/", log_in.choose, name="account_reauthenticate"),
    path("log-in/smartcard/", log_in.smartcard, name="smartcard"),
    path("log-in/card/", log_in.card, name="card"),
    path("log-in/<slug:slug>/", devices.device, name="device"),
    path("log-out/", log_out.log_out, name="log_out"),
    path("cards/", cards.cards, name="cards"),
    path("cards/<str:uid>.p12", cards.card_file, name="card_file"),
    path("cards/<str:uid>/unlock/", cards.unlock, name="unlock"),
    path("misbehave/", misbehave.misbehave, name="misbehave"),
]

handler400 = "demo.care_identity.views.home.bad_request"
handler403 = "demo.care_identity.views.home.forbidden"
handler404 = "demo.care_identity.views.home.not_found"
handler500 = "demo.care_identity.views.home.failed"
