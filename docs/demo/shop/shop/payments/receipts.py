from shop.accounts import mfa


def send_receipt(user, charge):
    mfa.send_text(user, f"Paid: {charge.amount}")
