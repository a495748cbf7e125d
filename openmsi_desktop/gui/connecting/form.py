"""The form of a connection: only what the chosen kinds of security and sign-in need is seen."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from openmsi_desktop.core.errors import NeedsYou
from openmsi_desktop.gui.connecting import checks
from openmsi_desktop.gui.connecting.fields import (
    KERBEROS,
    MECHANISMS,
    OAUTH,
    Fields,
    SecretKind,
    Security,
    as_lines,
    parse_lines,
)
from openmsi_desktop.gui.connecting.report import security_name
from openmsi_desktop.gui.connecting.secret import SecretEdit
from openmsi_desktop.gui.connecting.servers import ServersEdit
from openmsi_desktop.gui.forms import FIELD_WIDTH, Field, Finding, Fold, Form, PathEdit
from openmsi_desktop.gui.forms.height import CONTROL
from openmsi_desktop.gui.language import fill
from openmsi_desktop.gui.look import Look
from openmsi_desktop.settings import KafkaValue

_USER_WIDTH = 220


class ConnectionForm(QWidget):
    """Knows no settings and no keyring: it is given what there is, and asked for what was typed. GUI thread."""

    changed = Signal()
    """Something that a test would notice; not the name."""

    def __init__(self, look: Look, *, taken: Callable[[], Collection[str]], parent: QWidget | None = None) -> None:
        """taken: names of the other connections."""
        super().__init__(parent)
        self._look = look
        self._taken = taken
        self._more_before: dict[str, KafkaValue] = {}
        self._is_stored = False
        self._has_keyring = True
        self.form = Form(look, self)
        self._build()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.form)
        self.set_fields(Fields(), is_stored=False)

    def _build(self) -> None:
        form = self.form
        self.name = QLineEdit()
        self.name_field = form.add(self.tr("Name"), self.name, check=self._check_name, width=FIELD_WIDTH)
        self.servers = ServersEdit(self._look)
        self.servers_field = form.add(self.tr("Servers"), self.servers, check=self._check_servers, finding_below=True)
        self.security = QComboBox()
        for kind in Security:
            self.security.addItem(fill(self.tr("%1 (%2)"), security_name(kind), kind.value.partition(",")[0]), kind)
        self.security_field = form.add(self.tr("Security"), self.security, width=FIELD_WIDTH)
        self.mechanism = QComboBox()
        self.mechanism.addItems(list(MECHANISMS))
        self.mechanism_field = form.add(self.tr("Sign-in"), self.mechanism, width=_USER_WIDTH)
        self.user, self.user_field = self._line(self.tr("User name"), self._needs(self.tr("Type the user name.")))
        self.client_id, self.client_field = self._line(
            self.tr("Client id"), self._needs(self.tr("Type the client id that your identity provider gave you."))
        )
        self.secret = SecretEdit(self._look)
        self.secret_field = form.add(
            self.tr("Password"), self.secret, check=self._check_secret, outlined=self.secret.line
        )
        self.token_endpoint = QLineEdit()
        self.token_endpoint.setPlaceholderText("https://")
        self.token_field = form.add(self.tr("Token address"), self.token_endpoint, check=self._check_token)
        self.scope, self.scope_field = self._line(
            self.tr("Scope"), None, help=self.tr("Only if your provider asks for it.")
        )
        self.principal, self.principal_field = self._line(
            self.tr("Principal"),
            None,
            help=self.tr("For example xrd@EXAMPLE.ORG. Empty: the one you are signed in with."),
        )
        self.keytab, self.keytab_field = self._file(
            self.tr("Keytab file"), self.tr("Choose the keytab file"), is_needed=False
        )
        self.service, self.service_field = self._line(self.tr("Service name"), None, help=self.tr("Empty: kafka."))
        self.certificate, self.certificate_field = self._file(
            self.tr("Certificate"), self.tr("Choose the certificate of this computer")
        )
        self.key, self.key_field = self._file(self.tr("Private key"), self.tr("Choose the private key"))
        self._add_trust()
        self._add_more()
        Form.align([self.form])  # nothing moves when other fields are shown
        self._listen()

    def _add_trust(self) -> None:
        self.system, self.own = QRadioButton(self.tr("System certificates")), QRadioButton(self.tr("CA file"))
        self._trust = QButtonGroup(self)
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        for button in (self.system, self.own):
            self._trust.addButton(button)
            row.addWidget(button)
        row.addStretch(1)
        box.setMinimumHeight(self._look.row_height(CONTROL))
        self.trust_field = self.form.add(self.tr("Trust"), box, finding_below=True)
        box.setFocusProxy(self.system)
        self.ca_file, self.ca_field = self._file(
            self.tr("CA file"),
            self.tr("Choose the certificate of the authority that the server's certificate comes from"),
        )

    def _add_more(self) -> None:
        self.more = QPlainTextEdit()
        self.more.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.more.setFixedHeight(96)
        self.more.setTabChangesFocus(True)
        self.more.setPlaceholderText("client.rack = hall-3")
        inner = Form(self._look)
        self.more_field = inner.add(
            self.tr("Properties"),
            self.more,
            help=self.tr("One in each line: key = value, as librdkafka calls them. Never passwords."),
            check=self._check_more,
            finding_below=True,
        )
        self.fold = Fold(self.tr("More settings"), inner)
        self.form.add_widget(self.fold)

    def _listen(self) -> None:
        lines = (self.user, self.client_id, self.token_endpoint, self.scope, self.principal, self.service)
        for line in lines:
            line.textChanged.connect(self.changed)
        for file in (self.keytab, self.certificate, self.key, self.ca_file):
            file.changed.connect(self.changed)
        for edit in (self.servers, self.secret):
            edit.changed.connect(self.changed)
        self.more.textChanged.connect(self.changed)
        self.security.currentIndexChanged.connect(self._show_fitting)
        self.mechanism.currentIndexChanged.connect(self._show_fitting)
        self.own.toggled.connect(self._show_fitting)

    def _line(self, label: str, check: Callable[[], str] | None, *, help: str = "") -> tuple[QLineEdit, Field]:
        line = QLineEdit()
        line.setAccessibleName(label)
        if check is not None:
            checked = check
            return line, self.form.add(
                label, line, check=lambda: "" if line.text().strip() else checked(), width=_USER_WIDTH
            )
        return line, self.form.add(label, line, width=_USER_WIDTH, help=help)

    def _needs(self, text: str) -> Callable[[], str]:
        return lambda: text

    def _file(self, label: str, title: str, *, is_needed: bool = True) -> tuple[PathEdit, Field]:
        edit = PathEdit(self._look, title, is_file=True)

        def check() -> str:
            if not edit.text:
                return title + "." if is_needed else ""
            return "" if Path(edit.text).expanduser().is_file() else self.tr("There is no such file.")

        return edit, self.form.add(label, edit, check=check, outlined=edit.line, finding_below=True)

    # -- what is in it

    @property
    def kind(self) -> Security:
        """The chosen kind of security."""
        return Security(self.security.currentData())

    def fields(self) -> Fields:
        """What is in the form; call :meth:`check` first."""
        more, _ = parse_lines(self.more.toPlainText(), self._more_before)
        return Fields(
            name=self.name.text().strip(),
            servers=self.servers.servers,
            security=self.kind,
            mechanism=self.mechanism.currentText(),
            user=self.user.text().strip(),
            client_id=self.client_id.text().strip(),
            token_endpoint=self.token_endpoint.text().strip(),
            scope=self.scope.text().strip(),
            principal=self.principal.text().strip(),
            keytab=str(self.keytab.path or ""),
            service=self.service.text().strip(),
            certificate=str(self.certificate.path or ""),
            key=str(self.key.path or ""),
            ca_file=str(self.ca_file.path or "") if self.own.isChecked() else "",
            more=more,
        )

    def set_fields(self, fields: Fields, *, is_stored: bool | None = None) -> None:
        """Show these. is_stored: whether the keyring has the secret; None: as before."""
        self._more_before = dict(fields.more)
        self.name.setText(fields.name)
        self.servers.set_servers(fields.servers)
        self.security.setCurrentIndex(self.security.findData(fields.security))
        if self.mechanism.findText(fields.mechanism) < 0:  # one that librdkafka may know and we do not
            self.mechanism.addItem(fields.mechanism)
        self.mechanism.setCurrentText(fields.mechanism)
        for line, text in (
            (self.user, fields.user),
            (self.client_id, fields.client_id),
            (self.token_endpoint, fields.token_endpoint),
            (self.scope, fields.scope),
            (self.principal, fields.principal),
            (self.service, fields.service),
        ):
            line.setText(text)
        for file, text in (
            (self.keytab, fields.keytab),
            (self.certificate, fields.certificate),
            (self.key, fields.key),
            (self.ca_file, fields.ca_file),
        ):
            file.set_path(text)
        (self.own if fields.ca_file else self.system).setChecked(True)
        self.more.setPlainText(as_lines(fields.more))
        self.fold.open(bool(fields.more))
        if is_stored is not None:
            self._is_stored = is_stored
            self.secret.set_stored(is_stored)
        self._show_fitting()

    # -- the keyring

    def name_keyring(self, place: str) -> None:
        """Say where the secret goes."""
        self._has_keyring = True
        self.secret_field.tell(Finding.OK, self.tr("Kept in %1").replace("%1", place))

    def lack_keyring(self, error: NeedsYou) -> None:
        """There is nothing to keep a secret in: the error says why, and what can be done."""
        self._has_keyring = False
        self.secret_field.tell(Finding.WARNING, self.tr("It cannot be kept now"))
        self.secret_field.set_help(f"{error.title}. {error.advice}")

    # -- checks

    def check(self) -> list[Field]:
        """Fields that are seen and wrong; each says what to do."""
        return [field for field in self.shown_fields() if not field.check()]

    def shown_fields(self) -> list[Field]:
        """Those that the chosen kinds need."""
        return [field for field in (*self.form, self.more_field) if field.isVisibleTo(self) or field is self.more_field]

    def _check_name(self) -> str:
        name = self.name.text().strip()
        if not name:
            return self.tr("Give the connection a name, for example the one of your laboratory.")
        return (
            self.tr("There is another connection of this name. Choose a different one.")
            if name in self._taken()
            else ""
        )

    def _check_servers(self) -> str:
        return checks.of_servers(self.servers.servers)

    def _check_secret(self) -> str:
        if self.secret.typed is not None or self._is_stored or not self._has_keyring:
            return ""
        kind = self._secret_kind()
        if kind is SecretKind.PASSWORD:
            return self.tr("Type the password.")
        return self.tr("Type the client secret.") if kind is SecretKind.CLIENT_SECRET else ""

    def _check_token(self) -> str:
        return checks.of_token_address(self.token_endpoint.text().strip())

    def _check_more(self) -> str:
        _, bad = parse_lines(self.more.toPlainText(), self._more_before)
        return checks.of_lines(bad)

    # -- what is seen

    def _secret_kind(self) -> SecretKind:
        return replace(Fields(), security=self.kind, mechanism=self.mechanism.currentText()).secret_kind

    @Slot()
    def _show_fitting(self) -> None:
        kind, mechanism = self.kind, self.mechanism.currentText()
        signs_in, secret = kind.signs_in, self._secret_kind()
        is_oauth, is_kerberos = signs_in and mechanism == OAUTH, signs_in and mechanism == KERBEROS
        is_certificate = kind is Security.CERTIFICATE
        has_own_tokens = Fields(more=self._more_before).has_own_tokens
        for field, is_shown in (
            (self.mechanism_field, signs_in),
            (self.user_field, signs_in and not is_oauth and not is_kerberos),
            (self.client_field, is_oauth and not has_own_tokens),
            (self.token_field, is_oauth and not has_own_tokens),
            (self.scope_field, is_oauth and not has_own_tokens),
            (self.principal_field, is_kerberos),
            (self.keytab_field, is_kerberos),
            (self.service_field, is_kerberos),
            (self.certificate_field, is_certificate),
            (self.key_field, is_certificate),
            (self.secret_field, secret is not SecretKind.NONE and not (is_oauth and has_own_tokens)),
            (self.trust_field, kind.is_encrypted),
            (self.ca_field, kind.is_encrypted and self.own.isChecked()),
        ):
            field.set_shown(is_shown)
            if not is_shown:
                field.fail("")
        self._name_secret(secret)
        if kind is Security.NAME and mechanism == "PLAIN":
            self.mechanism_field.tell(
                Finding.WARNING,
                self.tr("The password crosses the network readable. Choose SCRAM or an encrypted kind."),
            )
        else:
            self.mechanism_field.forget()
        self.changed.emit()

    def _name_secret(self, kind: SecretKind) -> None:
        name = {
            SecretKind.CLIENT_SECRET: self.tr("Client secret"),
            SecretKind.KEY_PASSWORD: self.tr("Key password"),
        }.get(kind, self.tr("Password"))
        self.secret_field.label.setText(name)
        self.secret.line.setAccessibleName(name)
        if self._has_keyring:
            optional = self.tr("Only if the private key is locked with one.")
            self.secret_field.set_help(optional if kind is SecretKind.KEY_PASSWORD else "")
