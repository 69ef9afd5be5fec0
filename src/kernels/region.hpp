#pragma once
// Opens and closes a stretch of code compiled for more than the baseline CPU. Nothing inside may
// instantiate a std template or use a lambda: the linker could hand that copy to an older CPU.
#define QSLIP_PRAGMA(text) _Pragma(#text)
#if defined(__clang__)
#define QSLIP_TARGET_REGION(features) \
    QSLIP_PRAGMA(clang attribute push(__attribute__((target(features))), apply_to = function))
#define QSLIP_END_TARGET_REGION QSLIP_PRAGMA(clang attribute pop)
#define QSLIP_UNROLL QSLIP_PRAGMA(clang loop unroll(full))
#else
#define QSLIP_TARGET_REGION(features) QSLIP_PRAGMA(GCC push_options) QSLIP_PRAGMA(GCC target(features))
#define QSLIP_END_TARGET_REGION QSLIP_PRAGMA(GCC pop_options)
#define QSLIP_UNROLL QSLIP_PRAGMA(GCC unroll 64)
#endif
#define QSLIP_INLINE [[gnu::always_inline]] inline
