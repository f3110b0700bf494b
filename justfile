# List the recipes.
default:
    @just --list

# Start the server on an embedded database.
run *args:
    cargo run --locked -- serve {{ args }}

# Run the tests on both databases.
test *args:
    tests/run {{ args }}

# Check the format, then lint.
check:
    cargo fmt --check
    cargo clippy --locked --all-targets -- -D warnings

# Run the benchmarks.
bench *args:
    benches/run {{ args }}

# Run all that CI runs.
ci:
    .ci/run
