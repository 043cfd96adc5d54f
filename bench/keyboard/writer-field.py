"""Runs LibreOffice Writer and writes the text of its document to a file: writer-field.py FILE."""

import os
import subprocess
import sys
import time

import uno

INTERVAL_S = 0.1

file = sys.argv[1]
profile = file + ".profile"
pipe = "deskwire-bench-%d" % os.getpid()

# Writer would complete and correct words, and show a tip instead of the document.
OFF = [
    ("Office.Writer/AutoFunction/Completion", ["Enable", "CollectWord"]),
    ("Office.Writer/AutoFunction/Format/ByInput", ["Enable"]),
    ("Office.Common/Misc", ["ShowTipOfTheDay"]),
    (
        "Office.Common/AutoCorrect",
        ["UseReplacementTable", "TwoCapitalsAtStart", "CapitalAtSentenceStart", "CorrectAccidentalCapsLock"]
        + ["ChangeOrdinalNumber", "ChangeDash", "SetInetAttribute", "ChangeUnderlineWeight", "RemoveDoubleSpaces"],
    ),
]
ITEM = '<item oor:path="/org.openoffice.%s"><prop oor:name="%s" oor:op="fuse"><value>false</value></prop></item>'
os.makedirs(profile + "/user")
with open(profile + "/user/registrymodifications.xcu", "w") as out:
    out.write('<oor:items xmlns:oor="http://openoffice.org/2001/registry">')
    out.write("".join(ITEM % (path, name) for path, names in OFF for name in names))
    out.write("</oor:items>")

office = subprocess.Popen(
    ["soffice", "-env:UserInstallation=file://%s" % profile]
    + ["--norestore", "--nologo", "--nofirststartwizard", "--accept=pipe,name=%s;urp;" % pipe, "--writer"]
)
local = uno.getComponentContext()
resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)


def connect():
    """Returns the services and the document, or None while Writer starts."""
    try:
        context = resolver.resolve("uno:pipe,name=%s;urp;StarOffice.ComponentContext" % pipe)
        services = context.ServiceManager
        desktop = services.createInstanceWithContext("com.sun.star.frame.Desktop", context)
        document = desktop.getCurrentComponent()
        return document and (services, context, document)
    except Exception:
        return None


found = None
while found is None and office.poll() is None:
    time.sleep(INTERVAL_S)
    found = connect()
services, context, document = found
written = None
while office.poll() is None:
    text = document.Text.getString()
    if text != written:
        with open(file + ".new", "w", encoding="utf-8", newline="") as out:
            out.write(text.replace("\r\n", "\n"))
        os.replace(file + ".new", file)
        written = text
    time.sleep(INTERVAL_S)
