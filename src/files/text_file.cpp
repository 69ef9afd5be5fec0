#include <qslip/detail/core/text.hpp>
#include <qslip/detail/files/text_file.hpp>

#include "files/input_file.hpp"

namespace qslip {

result<std::string> read_text_file(const input_file& file, const limits& limits) {
    if (file.size_bytes() > limits.text_bytes)
        return status(errc::limit, escaped(file.path()) + ": " + grouped(file.size_bytes()) +
                                       " bytes; the limit text_bytes is " + grouped(limits.text_bytes));
    std::string text(file.size_bytes(), '\0');
    QSLIP_CHECK(file.read_at(0, std::as_writable_bytes(std::span(text))));
    return text;
}

result<std::string> read_text_file(const std::string& path, const limits& limits) {
    QSLIP_TRY(const auto file, input_file::open(path));
    return read_text_file(file, limits);
}

}  // namespace qslip
