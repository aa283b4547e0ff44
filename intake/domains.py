"""Whether two hosts on the Internet belong to one organisation, as far as their names tell; it asks no server."""

_PROVIDERS = frozenset(
    (
        *("gmail.com", "googlemail.com", "icloud.com", "me.com", "mac.com", "aol.com", "msn.com", "ymail.com"),
        *("rocketmail.com", "mail.com", "email.com", "usa.com", "zohomail.com", "fastmail.com", "fastmail.fm"),
        *("hushmail.com", "hey.com", "duck.com", "inbox.com", "proton.me", "protonmail.com", "protonmail.ch", "pm.me"),
        *("tutanota.com", "tutanota.de", "tutamail.com", "tuta.com", "tuta.io", "mailbox.org", "posteo.de"),
        *("riseup.net", "web.de", "t-online.de", "freenet.de", "arcor.de", "bluewin.ch", "orange.fr", "wanadoo.fr"),
        *("free.fr", "laposte.net", "sfr.fr", "libero.it", "virgilio.it", "tiscali.it", "alice.it", "telenet.be"),
        *("skynet.be", "ziggo.nl", "kpnmail.nl", "btinternet.com", "ntlworld.com", "comcast.net", "verizon.net"),
        *("att.net", "sbcglobal.net", "rogers.com", "shaw.ca", "bigpond.com", "wp.pl", "o2.pl", "onet.pl"),
        *("interia.pl", "seznam.cz", "abv.bg", "ukr.net", "mail.ru", "bk.ru", "inbox.ru", "list.ru", "rambler.ru"),
        *("qq.com", "foxmail.com", "163.com", "126.com", "yeah.net", "sina.com", "sina.cn", "sohu.com", "139.com"),
        *("189.cn", "aliyun.com", "naver.com", "hanmail.net", "daum.net", "rediffmail.com", "uol.com.br"),
        *("bol.com.br", "terra.com.br", "mweb.co.za", "webmail.co.za", "maktoob.com"),
    )
)
_PROVIDERS_EVERYWHERE = frozenset(("yahoo", "hotmail", "outlook", "live", "gmx", "yandex"))
"""Public mail providers with a domain in each country, such as yahoo.fr and yahoo.co.uk."""
_RESERVED = frozenset(("example.com", "example.net", "example.org", "test", "invalid", "example", "localhost"))
"""Names for examples and tests, which belong to nobody (RFC 2606)."""
_SHARED = frozenset(
    (
        *("ac", "asn", "biz", "co", "com", "ed", "edu", "fed", "gen", "go", "gob", "gov", "government", "govt", "gouv"),
        *("gub", "gv", "id", "inf", "info", "int", "law", "ltd", "med", "mil", "mod", "ne", "net", "nhs", "nom", "or"),
        *("org", "plc", "police", "press", "pro", "pub", "sch", "school", "web"),
    )
)
"""What stands before a country's code for a whole sector, such as gov.uk, co.za and gob.mx."""


def host(address: str) -> str:
    """The host of an e-mail address or of a page on the web, without "www."; empty where there is none."""
    text = address.strip()
    name = _of_page(text) if "://" in text else text.rpartition("@")[2] if "@" in text else ""
    try:
        plain = name.lower().rstrip(".").encode("idna").decode("ascii")
    except UnicodeError:
        return ""
    return plain.removeprefix("www.")


def _of_page(address: str) -> str:
    return address.partition("://")[2].partition("/")[0].partition("?")[0].partition("#")[0].partition(":")[0]


def shared(first: str, second: str) -> str:
    """The domain that two hosts have in common because one is, or lies under, the other; empty where there is none.

    What many share says nothing and never counts: top-level domains, a sector of a country (gov.uk, co.za), public
    mail providers, and the names reserved for examples. Two hosts beside each other under one domain do not count
    either: from names alone one ministry's cannot be told from another's.
    """
    shorter, longer = sorted((first, second), key=len)
    lies_under = longer == shorter or longer.endswith(f".{shorter}")
    return shorter if lies_under and _is_of_one_organisation(shorter) else ""


def _is_of_one_organisation(name: str) -> bool:
    labels = name.split(".")
    if len(labels) < 2 or not all(labels) or labels[-1].isdigit():
        return False
    if _RESERVED & {labels[-1], ".".join(labels[-2:])} or _is_provider(name, labels):
        return False
    return not _is_sector(labels)


def _is_sector(labels: list[str]) -> bool:
    """What a whole sector of a country shares, such as gov.uk."""
    return len(labels) == 2 and len(labels[1]) == 2 and labels[0] in _SHARED


def _is_provider(name: str, labels: list[str]) -> bool:
    """A public mail provider, or a host under one."""
    exact = any(name == each or name.endswith(f".{each}") for each in _PROVIDERS)
    rest = labels[1:]
    return exact or (labels[0] in _PROVIDERS_EVERYWHERE and (len(rest) == 1 or _is_sector(rest)))
