// Any bytes as a schema and its instance: an answer or a named error, and every way of asking gives the same
// one. libFuzzer entry point: the first byte picks dialect and format mode, a zero byte ends the schema.
#include <qslip/schema.hpp>

#include <cstdint>
#include <string>
#include <string_view>

using namespace qslip;

static void require(bool condition) {
    if (!condition) __builtin_trap();
}

static schema::compile_options options_of(std::uint8_t choice) {
    schema::compile_options options;
    options.default_dialect = static_cast<schema::dialect>(choice % 6);
    options.formats = static_cast<schema::format_mode>(choice / 6 % 3);
    options.limits.schema_steps = 200000;  // an input that takes seconds teaches nothing
    options.limits.schema_nodes = 10000;
    options.limits.regex_match_steps = 100000;
    return options;
}

static void ask_every_way(const schema::compiled& compiled, std::string_view instance) {
    const auto all = compiled.validate(instance, schema::output::basic);
    const auto flag = compiled.validate(instance, schema::output::flag);
    schema::validator reused(compiled);
    for (int i = 0; i < 2; ++i) {
        const auto again = reused.validate(instance);
        require(again.ok() == flag.ok() && (!flag || again->valid == flag->valid));
        require(flag || again.status().code() == flag.status().code());
    }
    require(all || all.status().message()[0] != '\0');
    if (!all || !flag) return;  // collecting faults takes more steps than the answer alone
    require(all->valid == flag->valid && all->valid == all->errors.empty());
    require(all->errors.size() <= limits().schema_errors_kept);
    for (const auto& fault : all->errors) require(!fault.message.empty());
}

/// A break is where it is said to be: no sooner, so what stands before it only stops too early.
static void locate(const schema::compiled& compiled, std::string_view instance) {
    const auto valid = compiled.validate(instance, schema::output::flag);
    const auto found = schema::locate_break(instance, compiled);
    require(found || found.status().message()[0] != '\0');
    if (!found) return;
    require(!valid || valid->valid == !found->has_value());
    if (!*found) return;
    const auto byte = (*found)->byte;
    require(byte <= instance.size());
    const auto before = schema::locate_break(instance.substr(0, byte), compiled);
    require(!before || !*before || (*before)->byte == byte);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto end = text.find('\0');
    const auto compiled = schema::compile(text.substr(0, end), options_of(data[0]));
    require(compiled || compiled.status().message()[0] != '\0');
    if (!compiled || end == text.npos) return 0;
    ask_every_way(*compiled, text.substr(end + 1));
    locate(*compiled, text.substr(end + 1));
    return 0;
}
