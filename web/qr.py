"""A text as a QR code, one path of an SVG; dark on light also where the page is dark, so that it can be read."""

from __future__ import annotations

from markupsafe import Markup

QUIET = 4
"""Modules of margin that a reader needs."""


def qr(text: str, label: str) -> Markup:
    # Imported here: only these pages need it.
    from reportlab.graphics.barcode import qrencoder

    code = qrencoder.QRCode(None, qrencoder.QRErrorCorrectLevel.M)
    code.addData(text)
    code.make()
    count = code.getModuleCount()
    runs = []
    for row in range(count):
        column = 0
        while column < count:
            begin = column
            while column < count and code.isDark(row, column):
                column += 1
            if column > begin:
                runs.append(f"M{begin + QUIET} {row + QUIET}h{column - begin}v1H{begin + QUIET}z")
            column += 1
    side = count + 2 * QUIET
    return Markup(
        '<svg class="qr" role="img" aria-label="{}" viewBox="0 0 {} {}" shape-rendering="crispEdges">'
        '<rect width="{}" height="{}" fill="#fff"/><path d="{}" fill="#000"/></svg>'
    ).format(label, side, side, side, side, "".join(runs))
