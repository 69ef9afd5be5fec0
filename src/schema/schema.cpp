#include <qslip/schema.hpp>

#include <utility>

#include "schema/evaluator.hpp"

namespace qslip::schema {

result<compiled> compiled::compile(std::string_view text, const compile_options& options) {
    QSLIP_TRY(auto made, compile_program(text, options));
    return compiled(std::move(made));
}

result<verdict> compiled::validate(std::string_view text, output how) const {
    return evaluator(program_).run(text, how);
}

struct validator::scratch {
    evaluator body;
};
validator::validator(const compiled& schema) : scratch_(new scratch{evaluator(schema.program_)}) {}
validator::~validator() = default;
validator::validator(validator&&) noexcept = default;
validator& validator::operator=(validator&&) noexcept = default;
result<verdict> validator::validate(std::string_view text, output how) {
    return scratch_->body.run(text, how);
}

}  // namespace qslip::schema
