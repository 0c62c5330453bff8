"""What an existing Asterisk needs to know of Switchyard: three lines, and the files they name."""

from acd.shipped import config_folder

NAMES = ("extensions-acd.conf", "extensions-acd-pbxs.conf", "manager-acd.conf", "pjsip-phones-example.conf")


def text(name: str) -> str:
    """The file called `name`, one of `NAMES`."""
    return (config_folder() / "asterisk" / name).read_text(encoding="utf-8")


def instructions() -> str:
    """How to add Switchyard to an Asterisk that is there already."""
    folder = config_folder() / "asterisk"
    return f"""\
Copy these files, change the secret in the second, and make them readable for Asterisk alone:

    mkdir -p /etc/asterisk/switchyard
    cp {folder}/*-acd*.conf /etc/asterisk/switchyard/
    chown -R root:asterisk /etc/asterisk/switchyard && chmod 640 /etc/asterisk/switchyard/*

Add three lines:

    extensions.conf, anywhere             #include "switchyard/extensions-acd.conf"
    manager.conf, at the end              #include "switchyard/manager-acd.conf"
    extensions.conf, where calls come in  exten => 8001,1,Goto(acd-entry,${{EXTEN}},1)

and let Asterisk read them:

    asterisk -rx "dialplan reload"
    asterisk -rx "manager reload"

`acd doctor -c acd.toml` says then what is still missing. `acd asterisk-config extensions-acd.conf` prints a file; each
explains itself at its top. With several
Asterisks each one needs extensions-acd-pbxs.conf, too."""
