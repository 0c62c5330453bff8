"""What one test's Asterisk looks like, and the configuration files that say so. Pure text, no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.pbx.loopback import AMI_PORT, SIP_PORT, AddressBlock
from tests.pbx.tree import AsteriskTree


@dataclass(frozen=True, slots=True, kw_only=True)
class PbxSettings:
    """The choices of one test; every default is the quiet one.

    `files` replace or add whole files of the configuration folder, `append` adds text to the end of a base
    file (a test's dialplan, an `#include` line), `folders` puts a copy of a folder beside them under that
    name, so that shipped files are included the way a user includes them.
    """

    phones: int = 5
    first_phone: int = 1001
    phone_context: str = "from-phones"
    trunk_context: str = "from-trunk"
    phone_options: str = ""
    trunk_options: str = ""
    qualify_s: int = 0
    verbose: int = 3
    files: Mapping[str, str] = field(default_factory=dict)
    append: Mapping[str, str] = field(default_factory=dict)
    folders: Mapping[str, Path] = field(default_factory=dict)
    modules: Sequence[str] = ()

    def extensions(self) -> list[str]:
        """The phones' numbers: 1001 and on."""
        return [str(self.first_phone + place) for place in range(self.phones)]


def phone_password(extension: str) -> str:
    """The secret with which that phone registers."""
    return f"secret-of-{extension}"


# In the order in which they want each other. What a build doesn't ship is left out without a word.
MODULES = """
res_timing_timerfd res_crypto res_sorcery_config res_sorcery_memory res_sorcery_astdb
res_pjproject res_pjsip res_pjsip_pubsub res_pjsip_session res_pjsip_sdp_rtp res_pjsip_authenticator_digest
res_pjsip_outbound_authenticator_digest res_pjsip_endpoint_identifier_ip res_pjsip_endpoint_identifier_user
res_pjsip_endpoint_identifier_anonymous res_pjsip_registrar res_pjsip_caller_id res_pjsip_diversion
res_pjsip_header_funcs res_pjsip_rfc3326 res_pjsip_dtmf_info res_pjsip_nat res_pjsip_logger res_pjsip_refer
res_pjsip_acl chan_pjsip
res_rtp_asterisk res_musiconhold res_convert res_mutestream
bridge_simple bridge_native_rtp bridge_softmix bridge_holding bridge_builtin_features
bridge_builtin_interval_features
codec_ulaw codec_alaw codec_a_mu codec_gsm codec_resample
format_pcm format_wav format_wav_gsm format_gsm format_sln
pbx_config
app_queue app_dial app_playback app_stack app_exec app_userevent app_originate app_echo app_playtones
app_milliwatt app_senddtmf app_verbose app_chanspy app_mixmonitor app_confbridge app_read app_while
app_bridgeaddchan app_channelredirect app_softhangup app_cdr app_record app_transfer app_blind_transfer
app_attended_transfer app_sayunixtime app_controlplayback
cdr_csv
func_callerid func_channel func_cut func_db func_dialplan func_env func_export func_global func_groupcount
func_hangupcause func_logic func_math func_periodic_hook func_pjsip_aor func_pjsip_contact
func_pjsip_endpoint func_rand func_sprintf func_strings func_timeout func_uri func_volume func_devstate
res_manager_devicestate
""".split()  # noqa: SIM905

LOGGER = "[general]\nappend_hostname = no\n[logfiles]\nmessages => notice,warning,error,verbose,security\n"
MUSIC = "[default]\nmode = files\ndirectory = {data}/moh\n"
DIALPLAN = "[general]\nstatic = yes\nwriteprotect = yes\n\n[globals]\n"
CDR = "[general]\nenable = yes\n\n[csv]\nusegmtime = yes\n"
INDICATIONS = (
    "[general]\ncountry = us\n\n[us]\ndescription = Tones\nringcadence = 2000,4000\ndial = 350+440\n"
    "busy = 480+620/500,0/500\nring = 440+480/2000,0/4000\ncongestion = 480+620/250,0/250\n"
)
EMPTY_FILES = """
features.conf confbridge.conf queues.conf queuerules.conf pjproject.conf udptl.conf acl.conf ccss.conf
cel.conf stasis.conf
""".split()  # noqa: SIM905


def config_files(settings: PbxSettings, tree: AsteriskTree, addresses: AddressBlock, folder: Path) -> dict[str, str]:
    """Name -> text of every file of the configuration folder."""
    base = {
        **dict.fromkeys(EMPTY_FILES, ""),
        "asterisk.conf": _asterisk_conf(settings, tree, folder),
        "modules.conf": _modules_conf(settings, tree),
        "logger.conf": LOGGER,
        "rtp.conf": "[general]\nrtpstart = 10000\nrtpend = 20000\nicesupport = no\n",
        "musiconhold.conf": MUSIC.format(data=folder / "data"),
        "indications.conf": INDICATIONS,
        "manager.conf": f"[general]\nenabled = yes\nport = {AMI_PORT}\nbindaddr = {addresses.pbx}\n",
        "extensions.conf": DIALPLAN,
        "cdr.conf": CDR,
        "pjsip.conf": _pjsip_conf(settings, addresses),
        **settings.files,
    }
    for name, text in settings.append.items():
        base[name] = f"{base.get(name, '')}\n{text}\n"
    return base


def _asterisk_conf(settings: PbxSettings, tree: AsteriskTree, folder: Path) -> str:
    places = {"astetcdir": "etc", "astvarlibdir": "lib", "astdbdir": "lib", "astkeydir": "lib", "astagidir": "lib",
              "astspooldir": "spool", "astrundir": "run", "astlogdir": "log", "astdatadir": "data"}  # fmt: skip
    lines = [f"{name} => {folder / place}" for name, place in places.items()]
    return "\n".join(
        ["[directories]", f"astmoddir => {tree.modules}", *lines, "", "[options]", f"verbose = {settings.verbose}",
         "documentation_language = en_US", "live_dangerously = no", "nocolor = yes", ""]
    )  # fmt: skip


def _modules_conf(settings: PbxSettings, tree: AsteriskTree) -> str:
    wanted = [name for name in MODULES if tree.has_module(name)]
    return "\n".join(["[modules]", "autoload = no", *(f"load = {m}.so" for m in [*wanted, *settings.modules]), ""])


TRANSPORT = """\
[global]
type = global
endpoint_identifier_order = ip,username,anonymous

[transport-udp]
type = transport
protocol = udp
bind = {pbx}:{port}

[party](!)
type = endpoint
transport = transport-udp
disallow = all
allow = ulaw
direct_media = no
rtp_symmetric = no
"""

TRUNK = """
[trunk](party)
context = {context}
aors = trunk
from_domain = {pbx}
{options}

[trunk]
type = aor
contact = sip:{far}:{port}

[trunk]
type = identify
endpoint = trunk
match = {far}/32
"""

PHONE = """
[{extension}](party)
context = {context}
aors = {extension}
auth = {extension}
callerid = <{extension}>
{options}

[{extension}]
type = auth
auth_type = userpass
username = {extension}
password = {password}

[{extension}]
type = aor
max_contacts = 1
remove_existing = yes
qualify_frequency = {qualify_s}
qualify_timeout = 1.0
"""


def _pjsip_conf(settings: PbxSettings, addresses: AddressBlock) -> str:
    """The transport, the trunk known by its address, and the phones known by their names and secrets."""
    trunk = TRUNK.format(
        context=settings.trunk_context,
        options=settings.trunk_options,
        pbx=addresses.pbx,
        far=addresses.trunk,
        port=SIP_PORT,
    )
    phones = [_phone(settings, extension) for extension in settings.extensions()]
    return "".join([TRANSPORT.format(pbx=addresses.pbx, port=SIP_PORT), trunk, *phones])


def _phone(settings: PbxSettings, extension: str) -> str:
    return PHONE.format(
        extension=extension,
        password=phone_password(extension),
        context=settings.phone_context,
        options=settings.phone_options,
        qualify_s=settings.qualify_s,
    )
