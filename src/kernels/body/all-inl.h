// Every algorithm, in terms of the tier's operations.
#include "kernels/body/matmul-inl.h"
//
#include "kernels/body/elementwise-inl.h"
//
#include "kernels/body/attention-inl.h"
//
#include "kernels/body/sweep-inl.h"

#define QSLIP_TABLE(tier)                                                                  \
    table {                                                                                \
        isa::tier, tier::matmul, tier::rmsnorm, tier::rope, tier::swiglu, tier::attention, \
            tier::position_sweep                                                           \
    }
