"""The pages that the gateway shows: one HTML file each, without libraries and without a build step."""
