"""Policy: thresholds and conditions as versioned data, and the velocity that conditions ask for."""
