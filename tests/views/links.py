"""A link from an email, as tests open it."""

from tests.support import scripts
from tests.support.mailserver import MailServer, link_in
from tests.support.page import Page


def opened(mail: MailServer, count: int = 1) -> Page:
    """Wait for a number of emails and open the link of the last one."""
    mails = mail.wait_for(count)
    assert len(mails) == count
    _, parameter, token = link_in(mails[-1])
    page = Page(scripts.guarded)
    page.test.query_params[parameter] = token
    page.run()
    assert parameter not in page.test.query_params
    assert token not in page.words
    assert token not in repr(page.state)
    return page
