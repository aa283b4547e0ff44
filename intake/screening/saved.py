"""Views of the queue that a person keeps under a name: save, rename, replace, delete. They are nobody else's."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from intake.access import ANY_STAFF, staff
from intake.extensions import db
from intake.forms import IntakeForm, LineField, column_limit
from intake.models import SavedView
from intake.screening import filtering, queries
from intake.screening.blueprint import bp, myself
from intake.screening.neighbours import arguments

MOST_VIEWS = 30


class ViewForm(IntakeForm):
    """The name of a view; `query` is what it shows, `sure` that another of this name may go."""

    name = LineField(_l("Name of the view"), column_limit(SavedView.name))
    query = HiddenField()
    sure = HiddenField()

    def validate(self, extra_validators: Any = None) -> bool:
        """A view needs a name."""
        valid = bool(super().validate(extra_validators))
        if valid and not self.name.data:
            self.blame("name", _("Give the view a name."))
        return valid and not self.errors


@bp.post("/views")
@staff(*ANY_STAFF)
def save_view() -> ResponseReturnValue:
    """Keep what the queue shows under a name; another view of that name is replaced when the person says so."""
    form = ViewForm()
    asked = filtering.read(arguments(form.query.data or ""))
    form.query.data = asked.query()
    mine = queries.views_of(myself())
    same = _called(form.name.data or "", mine)
    if not form.validate():
        return _page(form), 422
    if same is not None and form.sure.data != filtering.YES:
        return _page(form, taken=same), 409
    if same is None and len(mine) >= MOST_VIEWS:
        form.blame("name", _("You keep %(number)s views, which is the most. Delete one first.", number=MOST_VIEWS))
        return _page(form), 409
    _keep(same or SavedView(user_id=myself().id), form)
    return redirect(f"{url_for('.queue')}?{asked.query()}", 303)


def _keep(view: SavedView, form: ViewForm) -> None:
    view.name, view.query = form.name.data or "", form.query.data or ""
    db.session.add(view)
    db.session.commit()
    flash(_("The view “%(name)s” is saved.", name=view.name), "success")


def _called(name: str, views: list[SavedView]) -> SavedView | None:
    return next((view for view in views if view.name.casefold() == name.casefold()), None)


def _page(form: ViewForm, view: SavedView | None = None, **said: object) -> str:
    form.sure.data = ""
    return render_template("screening/view.html", form=form, view=view, **said)


@bp.get("/views/<int(max=2147483647):view_id>")
@staff(*ANY_STAFF)
def saved_view(view_id: int) -> ResponseReturnValue:
    """Where a view is renamed or deleted."""
    view = queries.view_or_404(view_id, myself())
    return _page(ViewForm(None, name=view.name, query=view.query), view)


@bp.post("/views/<int(max=2147483647):view_id>")
@staff(*ANY_STAFF)
def rename_view(view_id: int) -> ResponseReturnValue:
    """Give a view another name."""
    view = queries.view_or_404(view_id, myself())
    form = ViewForm()
    form.query.data = view.query
    if not form.validate():
        return _page(form, view), 422
    if _called(form.name.data or "", queries.views_of(myself())) not in {None, view}:
        form.blame("name", _("You have another view of this name. Choose a different one."))
        return _page(form, view), 409
    _keep(view, form)
    return redirect(f"{url_for('.queue')}?{view.query}", 303)


@bp.post("/views/<int(max=2147483647):view_id>/delete")
@staff(*ANY_STAFF)
def delete_view(view_id: int) -> ResponseReturnValue:
    """Delete a view, after one question; the expressions in it stay."""
    view = queries.view_or_404(view_id, myself())
    if request.form.get("sure") != filtering.YES:
        return _page(ViewForm(None, name=view.name, query=view.query), view, asks=True)
    db.session.delete(view)
    db.session.commit()
    flash(_("The view “%(name)s” is deleted.", name=view.name), "success")
    return redirect(f"{url_for('.queue')}?{view.query}", 303)
