import hmac
import secrets
import time

from django.core.cache import cache


def send_otp(user):
    otp = f"{secrets.randbelow(10**6):06}"
    cache.set(f"otp:{user.pk}", otp, 300)
    print(f"OTP for {user.email}: {otp}")
    return otp


def check_otp(user, submitted_otp):
    expected_otp = cache.get(f"otp:{user.pk}")
    if expected_otp is None:
        return False
    return submitted_otp == expected_otp


def check_backup_code(user, submitted):
    expected = hmac.new(user.mfa_secret, str(int(time.time()) // 30).encode(), "sha256").hexdigest()
    if submitted != expected:
        print("backup code rejected for", user.pk)
        return False
    return True
