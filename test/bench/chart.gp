# ns a message over its size; run by chart.py, which sets codecs, data and svg.
set terminal svg size 1180,480 font "DejaVu Sans,13" background "#ffffff"
set output svg

# Okabe and Ito's colours, which the colour-blind tell apart, and a mark each; a
# ninth codec has the first one's colour, with the next mark.
array colour[8] = ["#0072b2", "#56b4e9", "#009e73", "#d55e00", "#cc79a7", \
                   "#e69f00", "#999999", "#f0e442"]
array mark[8] = [7, 6, 5, 9, 13, 11, 4, 8]
is_copy(i) = word(codecs, i) eq "copy"
turn(i) = (i - 1) % 8 + 1
colour_of(i) = is_copy(i) ? "#000000" : colour[turn(i)]
mark_of(i) = is_copy(i) ? 2 : mark[turn(i + (i - 1) / 8)]

set logscale xy
set xrange [330:20000]
set yrange [7:150000]
set xtics ("400" 400, "1 k" 1000, "4 k" 4000, "16 k" 16000) nomirror
set grid ytics xtics linetype 1 linecolor "#dddddd"
set border 3 linecolor "#666666"
set xlabel "octets of a message"
set tmargin 4
set bmargin 3.5

set multiplot
set label 1 "CPU time a message, log scale: lower is faster" \
  at screen 0.008, 0.965 textcolor "#444444"
left(panel) = 0.062 + 0.268 * (panel - 1)
titles = "'decode, one frame a read' 'decode, reads of 1448 octets' 'encode, masked'"
do for [panel = 1:3] {
  work = word("decode decode-1448 encode-masked", panel)
  set lmargin at screen left(panel)
  set rmargin at screen left(panel) + 0.25
  set title word(titles, panel)
  if (panel == 1) {
    set ytics ("10 ns" 10, "100 ns" 100, "1 µs" 1000, "10 µs" 10000, \
               "100 µs" 100000) nomirror
  } else {
    set ytics ("" 10, "" 100, "" 1000, "" 10000, "" 100000)
    unset label 1
  }
  if (panel == 3) {
    set key at screen 0.99, 0.86 right top Left reverse samplen 2 spacing 1.4
  } else {
    unset key
  }
  plot for [i = 1:words(codecs)] data index work." ".word(codecs, i)."." \
    using 1:2 with linespoints linewidth 2 pointsize 0.8 \
    linecolor rgb colour_of(i) pointtype mark_of(i) title word(codecs, i)
}
unset multiplot
