"""Reads answers from lines such as “Organisation: …” in six languages; it knows no form and judges no value."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

LINE = re.compile(r"[\s>*•–-]*(?:\d{1,2}[.)]\s*)?(?P<label>[^:：]{2,80}?)\**\s*[:：]\s*\**\s*(?P<value>.*)")
WRITTEN = {
    "organisation_name": (
        "organisation, organization, organisation name, organization name, name of organisation, name of organization,"
        "name of the organisation, name of the organization, nom de l'organisation, organización,"
        "nombre de la organización, организация, название организации, 组织, 机构, 组织名称, 机构名称,"
        "المنظمة, اسم المنظمة"
    ),
    "category": "category, category of organisation, catégorie, categoría, категория, 类别, الفئة",
    "country": "country, pays, país, страна, 国家, البلد, الدولة",
    "website": "website, web site, site web, sitio web, веб-сайт, сайт, 网站, 网址, الموقع الإلكتروني",
    "contact_name": (
        "contact, contact name, contact person, name of contact, nom du contact, personne de contact,"
        "persona de contacto, nombre de contacto, контактное лицо, 联系人, جهة الاتصال, الشخص المسؤول"
    ),
    "contact_title": "job title, position, fonction, cargo, должность, 职务, 职位, المسمى الوظيفي",
    "contact_email": (
        "email, e-mail, email address, e-mail address, courriel, adresse électronique, correo electrónico,"
        "электронная почта, 电子邮件, 电子邮箱, البريد الإلكتروني"
    ),
    "contact_phone": "phone, telephone, telephone number, téléphone, teléfono, телефон, 电话, الهاتف",
    "preferences": (
        "focus area, focus areas, preferred focus areas, preferences, domaine d'action, domaines d'action,"
        "área de actuación, áreas de actuación, áreas de interés, направление, направления, 重点领域,"
        "مجال التركيز, مجالات التركيز"
    ),
    "delegate_name": "delegate, name of delegate, délégué, delegado, делегат, 代表, المندوب",
    "delegate_title": "title of delegate, delegate's title",
    "communities": "communities, communities served, communautés, comunidades, сообщества, 社区, المجتمعات",
}
"""Attribute of an expression to the labels that name it."""


def folded(text: str) -> str:
    """A label or a name without what people write differently: case, accents, spaces, kinds of apostrophes."""
    apart = unicodedata.normalize("NFKD", text.replace("’", "'").casefold())
    return " ".join("".join(each for each in apart if not unicodedata.combining(each)).split())


LABELS = {folded(label): field for field, labels in WRITTEN.items() for label in labels.split(",")}


def values(texts: Iterable[str], known: Mapping[str, str]) -> dict[str, str]:
    """What stands after each known label, by the field that it names; nothing for one that is given two values.

    A value ends with its line, or, where it stands below its label or goes on, with the next label or empty line.
    """
    found: dict[str, set[str]] = {}
    for text in texts:
        for field, value in _pairs(text, known):
            if value:
                found.setdefault(field, set()).add(value)
    return {field: next(iter(given)) for field, given in found.items() if len(given) == 1}


def _pairs(text: str, known: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    field, lines = "", list[str]()
    for written in text.splitlines():
        labelled = LINE.fullmatch(written)
        named = known.get(folded(labelled["label"].strip("*_ "))) if labelled else None
        if named is not None and labelled is not None:
            yield field, "\n".join(lines).strip()
            field, lines = named, [labelled["value"].strip()]
        elif not written.strip() and any(lines):
            yield field, "\n".join(lines).strip()
            field, lines = "", []
        elif field:
            lines.append(written.strip())
    yield field, "\n".join(lines).strip()
