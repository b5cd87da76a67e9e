"""Note in each figure's PNG how small its smallest text is.

The build runs this file in the kernel before a lesson's first cell. What was
drawn is then known to the tests of the slides, which ask whether it can be
read there. A subscript counts as large as its line.
"""


def _note_text_sizes():
    from functools import wraps

    from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg

    key = "Smallest text"  # its height in pixels of the image, 0 without text
    sizes = []
    draw_text, print_png = RendererAgg.draw_text, FigureCanvasAgg.print_png

    def noting_draw(self, gc, x, y, text, font, *args, **kwargs):
        if text.strip():
            sizes.append(self.points_to_pixels(font.get_size_in_points()))
        return draw_text(self, gc, x, y, text, font, *args, **kwargs)

    @wraps(print_png)  # matplotlib looks at its signature
    def noting_print(self, filename, *, metadata=None, **kwargs):
        sizes.clear()
        self.draw()
        metadata = {key: f"{min(sizes, default=0):.1f}"} | (metadata or {})
        return print_png(self, filename, metadata=metadata, **kwargs)

    RendererAgg.draw_text = noting_draw
    FigureCanvasAgg.print_png = noting_print


_note_text_sizes()
del _note_text_sizes
