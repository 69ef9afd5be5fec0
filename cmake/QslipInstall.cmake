# What `cmake --install` lays down. Nothing in it knows the prefix: the tree may be moved.
include(CMakePackageConfigHelpers)
set(qslip_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/qslip)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/qslip DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.hpp" PATTERN "*.h" PATTERN "*.inc")

# One export set per component, so that `headers` and `capi` need none of the C++ library's packages.
function(qslip_install_component component target)
  install(TARGETS ${target} EXPORT qslip-${component})
  install(EXPORT qslip-${component} NAMESPACE qslip:: DESTINATION ${qslip_package_dir}
    FILE qslip-${component}-targets.cmake)
endfunction()
qslip_install_component(headers qslip_headers)
qslip_install_component(cpp qslip)
if(QSLIP_BUILD_CAPI)
  qslip_install_component(capi qslip_capi)
  install(FILES ${PROJECT_SOURCE_DIR}/capi/include/qslip.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
endif()

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/qslipConfig.cmake.in
  ${PROJECT_BINARY_DIR}/cmake/qslipConfig.cmake INSTALL_DESTINATION ${qslip_package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/cmake/qslipConfigVersion.cmake
  COMPATIBILITY ${QSLIP_COMPATIBILITY})
install(DIRECTORY ${PROJECT_BINARY_DIR}/cmake/ DESTINATION ${qslip_package_dir} FILES_MATCHING PATTERN "qslipConfig*")

# pkg-config: qslip is the C library (what bindings use), qslip-cpp the C++ one, qslip-headers nothing to link.
file(RELATIVE_PATH qslip_pc_to_prefix
  ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
set(qslip_cpp_requires "libidn2 libpcre2-8 libutf8proc pugixml simdjson")
set(qslip_cpp_requires_private "")
if(BUILD_SHARED_LIBS)
  set(qslip_cpp_requires_private ${qslip_cpp_requires})
  set(qslip_cpp_requires "")
endif()
foreach(name qslip qslip-cpp qslip-headers)
  if(name STREQUAL qslip AND NOT QSLIP_BUILD_CAPI)
    continue()
  endif()
  configure_file(${CMAKE_CURRENT_LIST_DIR}/${name}.pc.in ${PROJECT_BINARY_DIR}/cmake/${name}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/cmake/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()
