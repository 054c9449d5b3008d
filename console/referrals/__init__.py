"""Referrals in the console: the caseworkers' list, one referral, and opening one for somebody on the phone."""

from console.referrals import listing, new, page

# Rooms come before a referral's own address.
ROUTERS = (listing.router, new.router, page.router)
