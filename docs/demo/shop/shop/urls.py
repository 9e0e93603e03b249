from django.urls import path

from shop.accounts import views as accounts
from shop.payments import views as payments

urlpatterns = [
    path("login/", accounts.login_view),
    path("login/otp/", accounts.verify_otp),
    path("saml/acs/", accounts.saml_acs),
    path("webhooks/stripe/", payments.stripe_webhook),
]
