from django.contrib.auth import authenticate, login
from django.http import HttpResponseBadRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from shop.accounts import mfa


def login_view(request):
    user = authenticate(request, username=request.POST["username"], password=request.POST["password"])
    if user is None:
        return JsonResponse({"error": "unknown user or password"}, status=401)
    mfa.send_otp(user)
    request.session["pending"] = user.pk
    return JsonResponse({"next": "/login/otp/"})


def verify_otp(request):
    try:
        user = mfa.user_of(request.session["pending"])
        if not mfa.check_otp(user, request.POST["otp"]):
            return JsonResponse({"error": "wrong code"}, status=401)
        login(request, user)
        return JsonResponse({"next": "/"})
    except Exception as e:
        return JsonResponse({"error": str(e)}, status=500)


@csrf_exempt
def saml_acs(request):
    expected_state = request.session.get("saml_state")
    relay_state = request.POST.get("RelayState")
    if not expected_state or relay_state != expected_state:
        return HttpResponseBadRequest("state")
    return JsonResponse({"next": "/"})
