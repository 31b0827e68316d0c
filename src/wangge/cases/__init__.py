"""诉求办理: intake, screening, dispatch, handling, clocks, callback, closing."""
