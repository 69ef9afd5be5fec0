# How every qslip target is compiled. Nothing here touches global flags.
include(GNUInstallDirs)

add_library(qslip_flags INTERFACE)
target_compile_features(qslip_flags INTERFACE cxx_std_20 c_std_99)
# One rounding per written operation on every machine: results are compared bit for bit.
target_compile_options(qslip_flags INTERFACE -ffp-contract=off
  $<$<COMPILE_LANGUAGE:CXX>:-Wall;-Wextra;-Wpedantic;-Wconversion;-Wsign-conversion;-Wshadow;-Wnon-virtual-dtor>
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>  # false alarms on std::string in GCC 12 (GCC bug 105651)
  $<$<BOOL:${QSLIP_WERROR}>:-Werror>)
if(QSLIP_SANITIZE)
  target_compile_options(qslip_flags INTERFACE
    -fsanitize=${QSLIP_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)  # false alarms in instrumented std::regex
  target_link_options(qslip_flags INTERFACE -fsanitize=${QSLIP_SANITIZE})
endif()

# The module `name`: its bodies join the one library.
function(qslip_module name)
  list(TRANSFORM ARGN PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/")
  target_sources(qslip PRIVATE ${ARGN})
endfunction()
