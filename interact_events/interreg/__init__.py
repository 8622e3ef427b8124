"""The network: offices, roles, programmes, strands, countries, periods, topics, objectives."""
