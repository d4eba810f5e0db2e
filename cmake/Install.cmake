# The program, both libraries, the headers, a pkg-config file and a CMake package.
include(CMakePackageConfigHelpers)

install(TARGETS brainbert RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
set_target_properties(brainbert_shared PROPERTIES EXPORT_NAME brainbert)
install(TARGETS brainbert_shared EXPORT brainbert LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS brainbert_static ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/brainbert DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/brainbert)
install(EXPORT brainbert NAMESPACE brainbert:: FILE brainbertConfig.cmake DESTINATION ${package_dir})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/brainbertConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/brainbertConfigVersion.cmake DESTINATION ${package_dir})

# Relative to the file itself: the installed tree may be moved.
file(RELATIVE_PATH BRAINBERT_PC_TO_PREFIX /p/${CMAKE_INSTALL_LIBDIR}/pkgconfig /p)
if(MPI_C_FOUND)
    set(BRAINBERT_PC_MPI " -lmpi")
endif()
configure_file(cmake/brainbert.pc.in brainbert.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/brainbert.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

# Trained models, with their cards.
install(DIRECTORY models DESTINATION ${CMAKE_INSTALL_DATADIR}/brainbert
        FILES_MATCHING PATTERN "*.json" PATTERN "*.safetensors" PATTERN "README.md")
