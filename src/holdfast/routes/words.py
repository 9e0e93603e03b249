"""The words of routes that check credentials: calls, base classes, libraries, and words of names and paths."""

from __future__ import annotations

import re

from holdfast.code.words import wordset

# Functions that check credentials: a call of one is a sign where the name of the route agrees.
CALLS = wordset(
    "authenticate login_user check_password verify_password check_password_hash alogin authenticate_user check_credentials "
    "get_tokens_for_user"
)
# A verb and a noun in the name of a called function: a weaker sign.
CREDENTIAL_CALLS = (
    (wordset("set reset change update hash generate check verify forgot recover validate"), wordset("password passwd pwd")),
    (
        wordset("create generate make encode issue verify validate check obtain decode"),
        wordset("token tokens jwt recoverycode activation"),
    ),
    (wordset("verify check send generate validate create"), wordset("otp totp code pin mfa 2fa recovery recoverycode")),
    (wordset("create register add insert signup"), wordset("user account registration")),
    (wordset("send resend"), wordset("verification confirmation reset recovery activation magic")),
)
VERIFYING = wordset("verify verification confirm confirmation activate activation validate")
SENT_CODES = wordset("otp otp_code verification_code verify_code confirmation_code activation_code pin_code")
ADDRESSES = wordset("email mail phone mobile sms account")
CODES = wordset("code vcode otp verification")
PLACES = wordset("url urls page template path link required")  # `login_url` logs nobody in
BASES = wordset(
    "LoginView TokenObtainPairView TokenObtainSlidingView ObtainAuthToken PasswordResetView PasswordResetConfirmView SignupView "
    "RegisterView RegistrationView PasswordResetFromKeyView ObtainJSONWebToken ResendEmailVerificationView obtain_auth_token "
    "obtain_jwt_token get_auth_router get_register_router get_reset_password_router get_verify_router"
)
# URLconfs of libraries that contain a login.
LIBRARIES = wordset(
    "django.contrib.auth.urls rest_framework.urls djoser.urls djoser.urls.jwt djoser.urls.authtoken dj_rest_auth.urls "
    "dj_rest_auth.registration.urls rest_auth.urls rest_auth.registration.urls two_factor.urls "
    "registration.urls registration.auth_urls registration.backends.default.urls registration.backends.hmac.urls "
    "registration.backends.simple.urls django_registration.backends.activation.urls django_registration.backends.one_step.urls "
    "rest_registration.api.urls userena.urls authtools.urls sanic_jwt.initialize sanic_jwt.Initialize"
)
# Views of libraries by their names, such as `BeginPasswordResetView`, and the functions that Django had before its classes.
LIBRARY_VIEW = re.compile(
    r"\.(?!\w*(Social|Application|Client|Device))\w*(Login|SignUp|Signup|Register|Registration|PasswordReset|ResetPassword|PasswordResetConfirm)View$"
    r"|^django\.contrib\.auth\.views\.(login|password_reset|password_reset_confirm)$"
)
FORM_CALLS = re.compile(
    r"\w*(Login|Log_?[Ii]n|Sign_?[UuIi][pn]|User_?Regist\w+|Regist\w+User|Password_?Reset|Reset_?Password|Forgot\w*Password|SetPassword)\w*Form"
    r"|(Authentication|UserCreation)Form"
)
FORMS = wordset("OAuth2PasswordRequestForm OAuth2PasswordRequestFormStrict HTTPBasicCredentials")
LOGIN = wordset("login signin authenticate logon")
ENTERING = wordset("signup register regist registration forget forgot forgotten")
CREDENTIAL = wordset("password passwd otp totp mfa 2fa twofactor pin passcode passwordless passkey webauthn fido magic factor")
OPENING = (
    LOGIN
    | ENTERING
    | wordset(
        "recover recovery reset remind reminder resend activate activation verify verification validate validation confirm "
        "invite invitation join"
    )
)
# The same in Spanish, Portuguese and German.
ABROAD = {
    **dict.fromkeys(("contrasena", "contrasenia", "senha", "passwort"), "password"),
    **dict.fromkeys(("recuperar", "recuperacion", "recuperacao"), "recover"),
    **dict.fromkeys(("restablecer", "redefinir"), "reset"),
    **dict.fromkeys(("olvide", "esqueci"), "forgot"),
    **dict.fromkeys(("verificar", "verificacion", "verificacao"), "verify"),
    "registrarse": "register",
    "enviar": "send",
    "codigo": "code",
    "telefono": "phone",
    "telefone": "phone",
    "correo": "email",
}
GLUED = re.compile(r"(otp|totp|mfa|2fa|password|passwd)(\w{5,})")
LOGGING_IN = re.compile(r"(?!last|no)\w{2,}login")  # firstlogin
LOST = re.compile(r"(lost|forgot|recover|reset)(pass(word|wd)?|pwd)|pass(reset|recovery)")
BY_LINK = re.compile(r"[<{(][^/]*(token|code|key|uidb64|hash)", re.IGNORECASE)
USERS = wordset("user users account accounts")
SECONDARY = wordset("refresh callback oauth oauth2 oidc sso saml acs oauthlib introspect revoke setup install")
SHOWING = wordset("render redirect render_to_response render_template TemplateResponse")
PASSWORDS = wordset("password passwd pwd pin otp")
ENTRANCES = wordset("auth authentication session sessions token tokens")  # a password that is sent to one of these logs in
FRAMES = frozenset({"dispatch", "initial", "setup", "dispatch_request"})
LOGIN_CALLS = wordset("login login_user auth_login alogin log_in log_user_in")
SENT = wordset("POST GET body data json FILES params values read")
DIRECT = CREDENTIAL | {"sms", "signup", "forgot", "forget"}  # core also under a path with `oauth` in it
STARTS = wordset("social start begin redirect report export")  # of a login elsewhere, or of a report about logins
NEVER = wordset("logout signout list delete remove status change settings profile me session sessions logs history audit")
ENTERED = wordset("session sessions list")
RECORDS = wordset("logs history audit policy strength")
ENDED = wordset("done complete success sent")  # the page after the check
OTHERS = wordset(
    "device devices container webhook webhooks event events push subscription plugin domain service tenant payment order invoice "
    "captcha config model schema notification notifications tool booking lesson course election locale language"
)
