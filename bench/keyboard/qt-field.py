"""Shows a text area of Qt and writes its text to a file after changes: qt-field.py FILE."""

import os
import sys

from PyQt5.QtCore import QTimer
from PyQt5.QtWidgets import QApplication, QPlainTextEdit

INTERVAL_MS = 20

file = sys.argv[1]
app = QApplication([])
area = QPlainTextEdit()
timer = QTimer(singleShot=True, interval=INTERVAL_MS)


def write():
    with open(file + ".new", "w", encoding="utf-8") as out:
        out.write(area.toPlainText())
    os.replace(file + ".new", file)


timer.timeout.connect(write)
area.textChanged.connect(lambda: timer.isActive() or timer.start())
area.setWindowTitle("typing")
area.resize(600, 400)
area.show()
area.setFocus()
timer.start()
app.exec_()
