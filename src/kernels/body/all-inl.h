// Every algorithm, in terms of the tier's operations.
#include "kernels/body/matmul-inl.h"
//
#include "kernels/body/elementwise-inl.h"
//
#include "kernels/body/attention-inl.h"
//
#include "kernels/body/sweep-inl.h"

#define QSLIP_TABLE(tier, space)                                                           \
    qslip::kernels::table {                                                                \
        tier, space::matmul, space::rmsnorm, space::rope, space::swiglu, space::attention, \
            space::position_sweep                                                          \
    }
