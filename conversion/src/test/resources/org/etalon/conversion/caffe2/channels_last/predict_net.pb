
channels_lastK
x
w1
b1c"Conv*

kernel*

stride*

legacy_pad*
order"NHWCE
c
scale
bias
mean
varc"	SpatialBN*
is_test*
order"NHWC
cc"Elu*
alpha333?:
ca"AveragePool*

kernel*

stride*
order"NHWCD
a
wt
btt"ConvTranspose*

kernel*

stride*
order"NHWC&
t
tyinfo"Concat*
order"NHWC:x:w1:b1:scale:bias:mean:var:wt:btByBinfo