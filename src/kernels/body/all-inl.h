// Every algorithm, in terms of the tier's operations.
#include "kernels/body/elementwise-inl.h"
//
#include "kernels/body/quantize_rows-inl.h"
//
#include "kernels/body/tile_sums-inl.h"
//
#include "kernels/body/transpose-inl.h"
//
#include "kernels/body/float_tile-inl.h"
//
#include "kernels/body/scales-inl.h"
//
#include "kernels/body/weight_panel-inl.h"
//
#include "kernels/body/panel_product-inl.h"
//
#include "kernels/body/float_matmul-inl.h"
//
#include "kernels/body/code_matmul-inl.h"
//
#include "kernels/body/matmul-inl.h"
//
#include "kernels/body/attention-inl.h"
//
#include "kernels/body/peak-inl.h"
//
#include "kernels/body/position_sweep-inl.h"

#define QSLIP_TABLE(tier, space)                                                                     \
    qslip::kernels::table {                                                                          \
        tier, space::matmul, space::gated_matmul, space::quantize_rows, space::rmsnorm, space::rope, \
            space::attention, space::position_sweep, space::peak_floats, space::peak_codes,          \
            space::peak_rates                                                                        \
    }
