// Every algorithm, in terms of the tier's operations.
#include "kernels/body/matmul-inl.h"
//
#include "kernels/body/sweep-inl.h"

#define QSLIP_TABLE(tier) \
    table { isa::tier, tier::matmul, tier::position_sweep }
