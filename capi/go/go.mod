module example.org/qslip

go 1.19
