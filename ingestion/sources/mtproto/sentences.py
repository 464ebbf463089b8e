"""What Telegram's error codes mean to a person, and which class of error they are.

Codes: https://core.telegram.org/api/errors and each method's own page. What is not here falls
into the class of its number (`errors.translate`).
"""

from typing import Final

from ingestion.errors import (
    AccessError,
    AccountError,
    DataError,
    InputError,
    Meaning,
    TransientError,
)

_LOG_IN: Final = "Log the account in again, on the Accounts page or with “accounts login”."
_NEW_CODE: Final = "Ask for a new code and enter it within its time."
_LATER: Final = "It is tried again in a moment."

CODES: Final[dict[str, Meaning]] = {
    # The login itself
    "AUTH_KEY_DUPLICATED": Meaning(
        AccountError,
        "Telegram ended this login because its session was used from two places at once.",
        "Make sure that nothing else uses this session, then log the account in again.",
    ),
    "AUTH_KEY_UNREGISTERED": Meaning(
        AccountError,
        "Telegram does not know this login any more.",
        _LOG_IN,
    ),
    "AUTH_KEY_INVALID": Meaning(AccountError, "Telegram refused this login's key.", _LOG_IN),
    "AUTH_KEY_PERM_EMPTY": Meaning(AccountError, "This login was never completed.", _LOG_IN),
    "SESSION_REVOKED": Meaning(
        AccountError,
        "This login was ended in a Telegram app (Settings → Devices), or with a change of the "
        "password.",
        _LOG_IN,
    ),
    "SESSION_EXPIRED": Meaning(AccountError, "This login has expired.", _LOG_IN),
    "USER_DEACTIVATED": Meaning(
        AccountError,
        "This Telegram account was deleted.",
        "Remove it here and connect another account.",
    ),
    "USER_DEACTIVATED_BAN": Meaning(
        AccountError,
        "Telegram has banned this account.",
        "Its owner can appeal in a Telegram app. Meanwhile connect another account.",
    ),
    "FROZEN_METHOD_INVALID": Meaning(
        AccountError,
        "Telegram has frozen this account: it may not make this request.",
        "Its owner can appeal in a Telegram app. Meanwhile connect another account.",
    ),
    "PEER_FLOOD": Meaning(
        AccountError,
        "Telegram has limited this account because of too many requests.",
        "Ask @SpamBot in a Telegram app how long it lasts.",
    ),
    # Exports (https://core.telegram.org/api/takeout)
    "TAKEOUT_INVALID": Meaning(
        TransientError,
        "Telegram has ended this account's takeout session.",
        "A new one is begun.",
    ),
    "TAKEOUT_REQUIRED": Meaning(
        TransientError,
        "Telegram has ended this account's takeout session.",
        "A new one is begun.",
    ),
    # The application's credentials
    "API_ID_INVALID": Meaning(
        InputError,
        "Telegram does not accept this pair of API ID and API hash.",
        "Copy both from https://my.telegram.org → API development tools.",
    ),
    "API_ID_PUBLISHED_FLOOD": Meaning(
        InputError,
        "This API ID was published somewhere, and Telegram does not let it log in any more.",
        "Make your own at https://my.telegram.org → API development tools.",
    ),
    "UPDATE_APP_TO_LOGIN": Meaning(
        AccountError,
        "Telegram wants a newer client for this login.",
        "Update this program, then try again.",
    ),
    # Logging in
    "PHONE_NUMBER_INVALID": Meaning(
        InputError,
        "Telegram does not accept this phone number.",
        "Write it with the country code, for example +44 20 7946 0958.",
    ),
    "PHONE_NUMBER_BANNED": Meaning(
        AccountError,
        "Telegram has banned this phone number.",
        "Its owner can write to recover@telegram.org. Use another account.",
    ),
    "PHONE_NUMBER_FLOOD": Meaning(
        AccountError,
        "Too many codes were asked for with this number.",
        "Wait a day before asking for another.",
    ),
    "PHONE_NUMBER_UNOCCUPIED": Meaning(
        InputError,
        "There is no Telegram account with this phone number.",
        "Register it in a Telegram app first, or use another number.",
    ),
    "PHONE_PASSWORD_FLOOD": Meaning(
        AccountError,
        "Too many wrong passwords or codes were entered for this number.",
        "Wait a day before trying again.",
    ),
    "PHONE_PASSWORD_PROTECTED": Meaning(
        AccountError,
        "This account is protected by a password and cannot log in this way.",
        "Log it in with a Telegram app first.",
    ),
    "PHONE_CODE_INVALID": Meaning(
        InputError, "This code is wrong.", "Check it and enter it again."
    ),
    "PHONE_CODE_EMPTY": Meaning(
        InputError, "No code was entered.", "Enter the code from Telegram."
    ),
    "PHONE_CODE_EXPIRED": Meaning(
        InputError,
        "This code has expired. A code that is sent on in a Telegram chat expires at once.",
        _NEW_CODE,
    ),
    "AUTH_TOKEN_EXPIRED": Meaning(
        InputError, "This QR code has expired.", "Scan the one that is shown now."
    ),
    "AUTH_TOKEN_INVALID": Meaning(
        InputError, "Telegram does not know this QR code.", "Scan the one that is shown now."
    ),
    "AUTH_TOKEN_ALREADY_ACCEPTED": Meaning(
        InputError, "This QR code was used already.", "Scan the one that is shown now."
    ),
    "PHONE_CODE_HASH_EMPTY": Meaning(InputError, "This login was started too long ago.", _NEW_CODE),
    "PHONE_HASH_EXPIRED": Meaning(InputError, "This login was started too long ago.", _NEW_CODE),
    "SEND_CODE_UNAVAILABLE": Meaning(
        AccountError,
        "Telegram has no further way to send a code to this number now.",
        "Wait a while, then start again.",
    ),
    "SIGN_IN_FAILED": Meaning(
        InputError, "Telegram refused this login.", "Start again with a new code."
    ),
    "AUTH_RESTART": Meaning(TransientError, "Telegram asked to start this login again.", _NEW_CODE),
    "PASSWORD_HASH_INVALID": Meaning(
        InputError,
        "This two-step password is wrong.",
        "Enter it again; after several wrong ones Telegram asks to wait.",
    ),
    "PASSWORD_EMPTY": Meaning(
        InputError, "No password was entered.", "Enter the two-step password."
    ),
    "SRP_ID_INVALID": Meaning(
        TransientError, "The password check took too long.", "Enter it again."
    ),
    "SRP_PASSWORD_CHANGED": Meaning(
        InputError,
        "The two-step password was changed in the meantime.",
        "Enter the new one.",
    ),
    "SESSION_PASSWORD_NEEDED": Meaning(
        InputError,
        "This account has a two-step password.",
        "Enter it to finish the login.",
    ),
    # Channels
    "CHANNEL_PRIVATE": Meaning(
        AccessError,
        "This account may not read the channel: it is private, or the account was removed.",
        "Join it with this account, or read it with an account that is a member.",
    ),
    "CHANNEL_INVALID": Meaning(
        AccessError,
        "Telegram does not let this account reach the channel with what it knows of it.",
        "Remove the channel and add it again, or give it another account.",
    ),
    "CHANNEL_BANNED": Meaning(
        AccessError,
        "Telegram has blocked this channel.",
        "What is archived stays; nothing new can be read.",
    ),
    "CHANNEL_PUBLIC_GROUP_NA": Meaning(
        AccessError,
        "The channel is not available to this account.",
        "Try it with another account.",
    ),
    "CHAT_ADMIN_REQUIRED": Meaning(
        AccessError,
        "Only administrators of the channel may ask for this.",
        "Use an account that is an administrator.",
    ),
    "USER_BANNED_IN_CHANNEL": Meaning(
        AccessError,
        "This account is banned in the channel.",
        "Read it with another account.",
    ),
    "USERNAME_NOT_OCCUPIED": Meaning(
        AccessError,
        "There is no channel with this name on Telegram.",
        "Check the spelling. The channel may have been renamed or deleted.",
    ),
    "USERNAME_INVALID": Meaning(
        AccessError,
        "This is no name that Telegram could have given.",
        "Names have 4 to 32 letters, digits and underscores, and begin with a letter.",
    ),
    "PEER_ID_INVALID": Meaning(
        AccessError,
        "Telegram does not know this channel under this number.",
        "Remove the channel and add it again.",
    ),
    "PEER_ID_NOT_SUPPORTED": Meaning(
        AccessError,
        "Telegram does not know this channel under this number.",
        "Remove the channel and add it again.",
    ),
    "CHANNELS_TOO_MUCH": Meaning(
        AccessError,
        "This account is a member of as many channels as Telegram allows.",
        "Leave some of them in a Telegram app, or use another account.",
    ),
    "INVITE_REQUEST_SENT": Meaning(
        AccessError,
        "Telegram sent a request to join; an administrator of the channel has to accept it.",
        "Try again when the account was let in.",
    ),
    "INVITE_HASH_EXPIRED": Meaning(
        AccessError,
        "This invite link has expired, was revoked, or never existed.",
        "Check that it was copied whole, or ask for a new one.",
    ),
    "INVITE_HASH_INVALID": Meaning(
        InputError,
        "Telegram does not take this for an invite link.",
        "Copy the link again, with everything after the +.",
    ),
    "INVITE_HASH_EMPTY": Meaning(
        InputError,
        "The invite link has nothing after the +.",
        "Copy the link again, to its end.",
    ),
    "USERS_TOO_MUCH": Meaning(
        AccessError,
        "The channel has as many members as it may have, so nobody can join it now.",
        "Try again later, or ask an administrator for room.",
    ),
    "STARS_PAYMENT_REQUIRED": Meaning(
        AccessError,
        "Joining this channel is paid for with Telegram Stars.",
        "Join it with the account in a Telegram app, then add it from the account's list.",
    ),
    # Files (https://core.telegram.org/method/upload.getFile#possible-errors)
    "FILE_REFERENCE_EXPIRED": Meaning(
        DataError,
        "Telegram's reference to the file has expired.",
        "The message is asked for a fresh one.",
    ),
    "FILE_REFERENCE_INVALID": Meaning(
        DataError,
        "Telegram does not take the reference to the file.",
        "The message is asked for a fresh one.",
    ),
    "FILE_REFERENCE_EMPTY": Meaning(
        DataError,
        "The file was asked for without a reference.",
        "The message is asked for a fresh one.",
    ),
    "FILE_ID_INVALID": Meaning(
        AccessError,
        "Telegram does not know this file any more.",
        "What is archived of the message stays.",
    ),
    "LOCATION_INVALID": Meaning(
        AccessError,
        "Telegram does not have the file where the message says it is.",
        "What is archived of the message stays.",
    ),
    # Telegram's own trouble
    "MSG_WAIT_FAILED": Meaning(TransientError, "Telegram gave up on an earlier request.", _LATER),
    "RPC_CALL_FAIL": Meaning(TransientError, "Telegram has internal trouble.", _LATER),
    "RPC_MCGET_FAIL": Meaning(TransientError, "Telegram has internal trouble.", _LATER),
    "TIMEOUT": Meaning(TransientError, "Telegram took too long to answer.", _LATER),
    "PEER_HISTORY_EMPTY": Meaning(
        DataError,
        "Telegram said that the channel's history is empty.",
        "Nothing was changed; it is asked again with the next sync.",
    ),
}
