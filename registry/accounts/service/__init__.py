"""The use cases of accounts: keeping them, signing in and out, links, rows of sessions."""

from registry.accounts.queries import ANONYMOUS, actor_named
from registry.accounts.service.addresses import set_email
from registry.accounts.service.deputies import (
    NewDeputy,
    deputy_problems,
    end_deputy,
    record_deputy,
)
from registry.accounts.service.keeping import (
    AccountChange,
    NewAccount,
    change_account,
    change_own_password,
    choose_language,
    create_account,
    require_own_password,
    set_active,
    set_password,
)
from registry.accounts.service.links import (
    Administrator,
    Link,
    create_first_administrator,
    issue_link,
    link_fact,
    set_password_by_link,
)
from registry.accounts.service.sign_in import (
    Attempt,
    SignIn,
    TooManyTries,
    begin_sign_in,
    finish_sign_in,
    forgive,
)
from registry.accounts.service.tokens import (
    IssuedToken,
    NewToken,
    count_wrong_token,
    create_token,
    note_use,
    revoke_token,
    revoke_tokens_of,
)
from registry.accounts.service.web_sessions import (
    Place,
    end_session,
    end_sessions_of,
    keep_data,
    open_session,
    sign_out,
)

__all__ = [
    "ANONYMOUS",
    "AccountChange",
    "Administrator",
    "Attempt",
    "IssuedToken",
    "Link",
    "NewAccount",
    "NewDeputy",
    "NewToken",
    "Place",
    "SignIn",
    "TooManyTries",
    "actor_named",
    "begin_sign_in",
    "change_account",
    "change_own_password",
    "choose_language",
    "count_wrong_token",
    "create_account",
    "create_first_administrator",
    "create_token",
    "deputy_problems",
    "end_deputy",
    "end_session",
    "end_sessions_of",
    "finish_sign_in",
    "forgive",
    "issue_link",
    "keep_data",
    "link_fact",
    "note_use",
    "open_session",
    "record_deputy",
    "require_own_password",
    "revoke_token",
    "revoke_tokens_of",
    "set_active",
    "set_email",
    "set_password",
    "set_password_by_link",
    "sign_out",
]
