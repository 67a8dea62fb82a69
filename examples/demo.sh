#!/usr/bin/env bash
# Review the pull request under examples/harbor and keep the reports; $1 is the ccopilot command.
set -euo pipefail
cd "$(dirname "$0")/.."
ccopilot=${1:-ccopilot}
out=${DEMO_OUTPUT:-demo-output}
mkdir -p "$out"
# The change breaks controls that its policy enforces, so the review ends with 1; that is what it is for.
status=0
"$ccopilot" review --base examples/harbor/base --head examples/harbor/head --now 2026-12-01 \
  --output "$out/review.html" --output "$out/review.sarif" --output "$out/review.md" || status=$?
if [ "$status" -gt 2 ]; then exit "$status"; fi
echo
echo "The same review for other readers: $out/review.html  $out/review.sarif  $out/review.md"
echo "What a pipeline would have seen: exit code $status"
