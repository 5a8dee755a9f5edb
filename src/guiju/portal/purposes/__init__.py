"""One file per purpose of a link. Each registers its page with ``guiju.portal.pages.page``."""
