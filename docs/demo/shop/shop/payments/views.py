import json
from pprint import pprint

from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt

from shop.payments import webhooks


@csrf_exempt
def stripe_webhook(request):
    if not webhooks.is_genuine(request.body, request.headers["Stripe-Signature"]):
        return HttpResponse(status=400)
    event = json.loads(request.body)
    pprint(event)
    return HttpResponse(status=204)
