
dense
x
w1
b1h"FC*
axis'
h
ch"Add*
	broadcast*
axis
h
sh"Mul*
	broadcast
hh"Tanh
h
rightbm"BatchMatMul&
h
hgram"BatchMatMul*
trans_b
h
w2
b2z"FCTransposed
z
mmm"MatMul*
trans_b
mmlogp"
LogSoftmax
z
mm
zsum"Sum:x:w1:b1:w2:b2:c:s:right:mBbmBgramBlogpBsum