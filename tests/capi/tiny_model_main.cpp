// tiny_model OUT.gguf [SEED]: a small model for the bindings' tests and for trying things out.
#include <cstdlib>

#include "support/temp_folder.hpp"
#include "support/tiny_gguf.hpp"

int main(int argc, char** argv) {
    if (argc < 2) return 2;
    qslip::test::write_file(
        argv[1], qslip::test::tiny_gguf::bytes(argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1));
    return 0;
}
