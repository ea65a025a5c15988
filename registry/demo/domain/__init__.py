"""The invented country as data and as a plan of what happened in it. Pure: no database, no clock of its own.

Every name is invented and says so; the products, strengths, salts and forms are real ones.
Tables are CSV files in `registry/demo/data`; the rest is worked out from them with seeded
random numbers, so that one day and one size give the same rows to the byte.
"""
